"""OUTSIDE WORLD: the only doors to processes, the engine, Orthanc, disk and host. They never decide."""
