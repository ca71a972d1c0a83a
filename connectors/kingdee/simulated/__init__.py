"""The parts of the simulator: each speaks one service of the WebAPI over the state of the world."""
