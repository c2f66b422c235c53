"""Widgets: they show state and send intent, they own no documents."""
