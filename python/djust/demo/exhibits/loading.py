import asyncio

from djust import LiveView, event_handler


class LoadingView(LiveView):
    template_string = """
        <p class="tools">
          <button dj-click="save" dj-disable-with="Saving …" dj-loading.class="busy">Save</button>
          <span hidden dj-loading.show dj-loading.for="save">the server is at work</span>
        </p>
        <label><input type="checkbox" dj-change="save" dj-lock> save this way</label>
        <p role="status">Saved {{ times }} time{{ times|pluralize }}.</p>
    """
    times = 0

    @event_handler
    async def save(self, **params):
        await asyncio.sleep(1.5)
        self.times += 1
