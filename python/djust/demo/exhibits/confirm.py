from djust import LiveView, event_handler


class ConfirmView(LiveView):
    template_string = """
        <ul>{% for name in names %}
          <li data-key="{{ name }}"><span>{{ name }}</span>
            <button class="icon" dj-click="remove" data-name="{{ name }}"
                    dj-confirm="Remove {{ name }}?" aria-label="Remove {{ name }}">×</button></li>
        {% empty %}<li>All gone. Reload for new ones.</li>{% endfor %}</ul>
    """

    def mount(self, request, **kwargs):
        self.names = ["Oak", "Birch", "Maple"]

    @event_handler
    def remove(self, name: str):
        self.names = [other for other in self.names if other != name]
