"""From settings to a running target: services, the system measured, and the keeper that ends them."""
