"""THE STACK'S LIFE: images, up, down, status, and the shaping of the links between its hosts."""
