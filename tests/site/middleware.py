"""A middleware as sites with tenants have it: the host decides whose data a request sees."""


def tenant(get_response):
    def respond(request):
        request.tenant = request.get_host()
        return get_response(request)

    return respond
