"""The parts of the simulated shop."""
