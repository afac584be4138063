"""Home Assistant by MQTT: what is known of the cats as entities of its own, without a line written there."""
