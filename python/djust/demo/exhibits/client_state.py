from djust import LiveView, client_state


class ColorView(LiveView):
    template_string = """
        <label for="color">Colour</label>
        <select id="color" name="color" dj-change="choose">
          {% for name in names %}<option>{{ name }}</option>{% endfor %}
        </select>
    """
    names = ("green", "orange", "blue")

    @client_state(keys=["color"])
    def choose(self, color: str):
        pass


class ShirtView(LiveView):
    template_string = """
        <p role="status">Another view, with no handler in common: a shirt in {{ color }}.</p>
    """
    color = "green"

    @client_state(keys=["color"])
    def on_color(self, color: str):
        self.color = color
