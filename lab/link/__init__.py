"""THE NETWORK, pure: profiles, tc's argv and read-back, the userspace emulator's rules. No I/O, no clock."""
