"""The wires: how frames reach peers. `websocket` is uvicorn's `ws` class, `http` its HTTP protocol with bounds."""
