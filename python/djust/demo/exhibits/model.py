from djust import LiveView


class ModelView(LiveView):
    template_string = """
        <label for="name">Name</label>
        <input id="name" dj-model.trim="name" value="{{ name }}" autocomplete="off">
        <label for="guests">Guests</label>
        <input id="guests" type="number" min="1" dj-model.lazy="guests" value="{{ guests }}">
        <label><input type="checkbox" dj-model="late"{% if late %} checked{% endif %}> late</label>
        <p role="status">{{ name|default:"You" }}, {{ guests }}{% if late %}, late{% endif %}</p>
    """
    name = ""
    guests = 2
    late = False
