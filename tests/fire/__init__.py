"""Under fire: races, kills, full disks, failing statements; what is acknowledged stays, nothing is half done."""
