import Web

extension Response {
    /// A page for a browser, with the body in HTML, which loads and runs nothing but what `policy` lets it.
    /// [Content Security Policy](https://www.w3.org/TR/CSP3/)
    static func page(_ title: String, _ body: String, policy: [String] = [], status: Int = 200) -> Response {
        let html = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escaped(title))</title>
            <style>body { font-family: sans-serif; max-width: 30em; margin: 3em auto; padding: 0 1em }</style>
            </head>
            <body>
            <h1>\(escaped(title))</h1>
            \(body)
            </body>
            </html>

            """
        var response = Response.text(html, status: status, type: "text/html; charset=utf-8")
        let always = ["default-src 'none'", "style-src 'unsafe-inline'", "form-action 'self'", "frame-ancestors 'none'"]
        response.headers["Content-Security-Policy"] = (always + policy).joined(separator: "; ")
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response.unseen()
    }

    /// The same, of which neither a cache nor the next page learns anything.
    func unseen() -> Response {
        var response = self
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response
    }
}

/// Text as it stands in HTML, also within quotation marks.
func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
        .replacing("'", with: "&#39;")
}
