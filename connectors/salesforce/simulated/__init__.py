"""The parts of the simulator: each speaks one dialect of the REST interface over the state of the world."""
