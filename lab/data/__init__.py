"""STUDIES, pure: what a recipe says, what an instance of it is made of, what a manifest says. No disk."""
