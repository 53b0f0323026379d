from djust import LiveView, debounce


class DebounceView(LiveView):
    template_string = """
        <label for="word">Type a sentence</label>
        <input id="word" dj-input="hear" autocomplete="off">
        <p role="status">Heard {{ times }} time{{ times|pluralize }}: <b>{{ word }}</b></p>
    """
    word = "nothing yet"
    times = 0

    @debounce(wait=0.4, max_wait=2)
    def hear(self, value: str):
        self.word = value
        self.times += 1
