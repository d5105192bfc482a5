"""Learning: examples → network → training → calibration → a folder that the library runs."""
