from random import randint

from djust import LiveView, event_handler, rate_limit


class DiceView(LiveView):
    template_string = """
        <p class="tools">
          <button dj-click="roll" dj-target="#dice">Roll</button>
          <button dj-click="roll">Roll and count</button>
          <button dj-copy="#dice">Copy</button></p>
        <p id="dice" role="status" dj-window-keydown.escape="clear">{{ said }}</p>
        <p class="rolls">{{ rolls }} roll{{ rolls|pluralize }}</p>
    """
    said = "Escape puts the dice away."
    rolls = 0

    @rate_limit(rate=1, burst=6)
    def roll(self):
        self.said = f"{randint(1, 6)} and {randint(1, 6)}"
        self.rolls += 1

    @event_handler
    def clear(self):
        self.said = "No dice."
