from djust import LiveView, event_handler


class TallyView(LiveView):
    template_string = """
        <button class="quiet-button" dj-click="add">{{ name }}: {{ count }}</button>
    """

    def mount(self, request, name="Tally", **kwargs):
        self.name = name
        self.count = 0

    @event_handler
    def add(self):
        self.count += 1


class TalliesView(LiveView):
    template_string = """{% load djust %}
        <p class="tools"><button dj-click="more">One more view</button>
        <button dj-click="fewer">One fewer</button></p>
        <div class="tallies">{% for name in names %}
          {% live_render "djust.demo.exhibits.views.TallyView" id=name|lower name=name %}
        {% endfor %}</div>
    """

    def mount(self, request, **kwargs):
        self.names = ["Ayes"]

    @event_handler
    def more(self):
        self.names = ["Ayes", "Noes"]

    @event_handler
    def fewer(self):
        self.names = self.names[:-1]
