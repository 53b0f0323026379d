from djust import LiveView, event_handler


class ConfirmView(LiveView):
    template_string = """
        <ul>{% for name in names %}
          <li data-key="{{ name }}"><span>{{ name }}</span>
            <button class="icon" dj-click="remove" data-name="{{ name }}"
                    dj-confirm="Remove {{ name }}?" aria-label="Remove {{ name }}">×</button></li>
        {% empty %}<li>All gone. Reload for new ones.</li>{% endfor %}</ul>
        {% if names %}<p class="tools">
          <button dj-click="fell" data-ask="#ask">Fell all of them</button></p>{% endif %}
        <dialog id="ask" aria-labelledby="ask-text"><form method="dialog">
          <p id="ask-text">{{ names|length }} tree{{ names|pluralize }}. Really?</p>
          <p class="tools"><button value="no">Keep them</button>
            <button value="yes">Fell them</button></p>
        </form></dialog>
    """

    def mount(self, request, **kwargs):
        self.names = ["Oak", "Birch", "Maple"]

    @event_handler
    def remove(self, name: str):
        self.names = [other for other in self.names if other != name]

    @event_handler
    def fell(self):
        self.names = []
