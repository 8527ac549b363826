"""PHANTOMS: one module per kind of image, each drawing what it stands for in values from 0 to 4095."""
