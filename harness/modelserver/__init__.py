"""An Ollama-compatible server over llama.cpp, in a process of its own; imports nothing of the harness."""
