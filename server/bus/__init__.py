"""The bus: a doorbell between workers. `port` says what an adapter guarantees."""
