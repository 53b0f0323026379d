"""A strict Content-Security-Policy for every page, with a fresh nonce for its one script.

djust needs nothing more than this: the script tag carries `request.csp_nonce`, WebAssembly may be
compiled, and markup from the server goes through the Trusted Types policy named `djust`.
"""

import secrets

POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types djust",
    ]
)


class ContentSecurityPolicy:
    """Sets `request.csp_nonce` for the templates, and the header that allows this nonce."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.csp_nonce = secrets.token_urlsafe(16)
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = POLICY.format(nonce=request.csp_nonce)
        return response
