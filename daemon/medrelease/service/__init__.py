"""Process life: start and stop, signals, systemd's notifications, reload and drain."""
