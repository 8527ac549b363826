"""INFORMATION OBJECTS: what each kind of image says of itself beside patient, study and pixels (PS3.3 A)."""
