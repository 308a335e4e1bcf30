"""One module, one provider. How to add one: ADDING.md beside this file."""
