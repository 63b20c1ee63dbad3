"""What can be typed after `terrain`, one command or group a file."""
