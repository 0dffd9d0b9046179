"""The event display's models: what is in the browser, what of it is chosen, and what draws and lists it."""
