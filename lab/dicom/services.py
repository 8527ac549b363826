"""SOP classes that an acceptor of images does not take: those of PS3.4's other services. All others it does.

Not read from pynetdicom's dictionary, for each receiving process would import the whole package for it: three
quarters of the time that one takes to start. A test holds both against each other.
"""

_ROOT = "1.2.840.10008."
_BY_SERVICE = {
    "storage commitment": "1.20.1",
    "application event logging": "1.40 1.42",
    "modality performed procedure step": "3.1.2.3.3 3.1.2.3.4 3.1.2.3.5",
    "print management": "5.1.1.1 5.1.1.2 5.1.1.4 5.1.1.4.1 5.1.1.9 5.1.1.14 5.1.1.15 5.1.1.16 5.1.1.16.376"
    " 5.1.1.18 5.1.1.23",
    "media creation": "5.1.1.33",
    "display system": "5.1.1.40",
    "query/retrieve": "5.1.4.1.2.1.1 5.1.4.1.2.1.2 5.1.4.1.2.1.3 5.1.4.1.2.2.1 5.1.4.1.2.2.2 5.1.4.1.2.2.3"
    " 5.1.4.1.2.3.1 5.1.4.1.2.3.2 5.1.4.1.2.3.3 5.1.4.1.2.4.2 5.1.4.1.2.4.3 5.1.4.1.2.5.3",
    "modality worklist": "5.1.4.31",
    "instance availability": "5.1.4.33",
    "unified procedure step": "5.1.4.34.6.1 5.1.4.34.6.2 5.1.4.34.6.3 5.1.4.34.6.4 5.1.4.34.6.5",
    "RT machine verification": "5.1.4.34.8 5.1.4.34.9",
    "relevant patient information": "5.1.4.37.1 5.1.4.37.2 5.1.4.37.3",
    "substance administration": "5.1.4.41 5.1.4.42",
    "non-patient objects": "5.1.4.1.1.200.1 5.1.4.1.1.200.3 5.1.4.1.1.200.7 5.1.4.1.1.201.1 5.1.4.38.1"
    " 5.1.4.39.1 5.1.4.43.1 5.1.4.44.1 5.1.4.45.1",
    "defined procedure protocols": "5.1.4.20.1 5.1.4.20.2 5.1.4.20.3",
    "protocol approval": "5.1.4.1.1.200.4 5.1.4.1.1.200.5 5.1.4.1.1.200.6",
    "inventory": "5.1.4.1.1.201.2 5.1.4.1.1.201.3 5.1.4.1.1.201.4 5.1.4.1.1.201.5 5.1.4.1.1.201.6",
    "hanging protocols": "5.1.4.38.2 5.1.4.38.3 5.1.4.38.4",
    "color palettes": "5.1.4.39.2 5.1.4.39.3 5.1.4.39.4",
    "implant templates": "5.1.4.43.2 5.1.4.43.3 5.1.4.43.4 5.1.4.44.2 5.1.4.44.3 5.1.4.44.4 5.1.4.45.2"
    " 5.1.4.45.3 5.1.4.45.4",
}
NOT_OF_STORAGE = {f"{_ROOT}{suffix}" for suffixes in _BY_SERVICE.values() for suffix in suffixes.split()}
"""Their UIDs; Verification is not among them."""
