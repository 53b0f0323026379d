from djust import LiveView, event_handler


class MomentsView(LiveView):
    template_string = """
        <div class="scroll" role="region" aria-label="A long list" tabindex="0"
             dj-scroll="read" dj-throttle="200">
          {% for line in lines %}<p>Line {{ line }}</p>{% endfor %}</div>
        <p class="read" role="status">Read to {{ percent }} %.</p>
        <p class="tools"><button dj-click="open">Open the menu</button></p>
        {% if is_open %}<p class="menu" dj-mounted="count" dj-click-away="close">
          Opened {{ times }} time{{ times|pluralize }}; click beside me.</p>{% endif %}
        <label><input type="checkbox" dj-model="watching"> Ask once a second</label>
        {% if watching %}<p class="asked" dj-poll="ask" dj-poll-interval="1000">
          Asked {{ asked }} time{{ asked|pluralize }}.</p>{% endif %}
    """
    lines = range(1, 41)
    percent = times = asked = 0
    is_open = watching = False

    @event_handler
    def read(self, scroll_top: float, scroll_height: int, client_height: int, **rest):
        self.percent = round(100 * (scroll_top + client_height) / scroll_height)

    @event_handler
    def open(self):
        self.is_open = True

    @event_handler
    def count(self):
        self.times += 1

    @event_handler
    def close(self):
        self.is_open = False

    @event_handler
    def ask(self):
        self.asked += 1
