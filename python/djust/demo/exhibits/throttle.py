from djust import LiveView, throttle


class ThrottleView(LiveView):
    template_string = """
        <label for="level">Drag me, or hold an arrow key</label>
        <input id="level" type="range" value="{{ level }}" dj-input="set_level" dj-debounce="0">
        <p role="status">{{ level }} of 100, after {{ times }} event{{ times|pluralize }}</p>
    """
    level = 50
    times = 0

    @throttle(interval=0.25)
    def set_level(self, value: int):
        self.level = value
        self.times += 1
