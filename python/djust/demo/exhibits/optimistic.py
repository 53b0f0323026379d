import asyncio

from djust import LiveView, event_handler, optimistic


class OptimisticView(LiveView):
    template_string = """
        <button class="quiet-button" aria-pressed="{% if liked %}true{% else %}false{% endif %}"
                dj-click="like" dj-optimistic="liked:!liked | likes:likes+1">
          {% if liked %}♥ liked{% else %}♡ like{% endif %}
        </button>
        <label><input type="checkbox" dj-change="mute"{% if muted %} checked{% endif %}>
          mute</label>
        <p role="status">{{ likes }} clicks, says the page; the server takes 1.2 s to agree.</p>
    """
    liked = False
    likes = 0
    muted = False

    @event_handler
    async def like(self):
        await asyncio.sleep(1.2)
        self.liked = not self.liked
        self.likes += 1

    @optimistic
    async def mute(self, value: bool):
        await asyncio.sleep(1.2)
