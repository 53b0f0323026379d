import asyncio

from djust import LiveView, cache

CAPITALS = {"Chile": "Santiago", "Kenya": "Nairobi", "Latvia": "Riga"}


class CacheView(LiveView):
    template_string = """
        <p class="tools">{% for name in names %}
          <button dj-click="look_up" data-country="{{ name }}">{{ name }}</button>
        {% endfor %}</p>
        <p role="status">{{ answer }}</p>
    """
    names = tuple(CAPITALS)
    answer = "The first answer takes a second; the same question again, nothing."

    @cache(ttl=60, key_params=["country"])
    async def look_up(self, country: str):
        await asyncio.sleep(1)
        self.answer = f"The capital of {country} is {CAPITALS.get(country, 'unknown')}."
