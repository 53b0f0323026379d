"""What a page does while a person uses it, judged with real keys and clicks in three engines."""
