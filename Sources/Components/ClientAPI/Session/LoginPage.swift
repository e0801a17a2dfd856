import Web

extension ClientAPI {
    /// A page that logs in people whose client does not know how, and gives the client what came of it.
    /// [Login fallback](https://spec.matrix.org/v1.19/client-server-api/#login-fallback)
    func loginPage(_: Request) async throws -> Response {
        let nonce = AccessToken.random()
        return .page(
            "Log in to \(config.serverName)",
            """
            <form id="login">
            <p><label>User name: <input name="user" autocomplete="username" autofocus required></label></p>
            <p><label>Password: <input type="password" name="password" autocomplete="current-password" required></label></p>
            <p role="alert" id="problem"></p>
            <p><button>Log in</button></p>
            </form>
            <script nonce="\(nonce)">
            const asked = new URLSearchParams(location.search);
            document.getElementById("login").addEventListener("submit", async event => {
                event.preventDefault();
                const form = new FormData(event.target);
                const body = {
                    type: "m.login.password",
                    identifier: { type: "m.id.user", user: form.get("user") },
                    password: form.get("password"),
                };
                for (const name of ["device_id", "initial_device_display_name"]) {
                    if (asked.has(name)) body[name] = asked.get(name);
                }
                const problem = document.getElementById("problem");
                try {
                    const reply = await fetch("/_matrix/client/v3/login", { method: "POST", body: JSON.stringify(body) });
                    const answer = await reply.json();
                    if (!reply.ok) {
                        problem.textContent = answer.error;
                    } else if (window.onLogin) {
                        window.onLogin(answer);
                    } else {
                        problem.textContent = "You are logged in. Go back to your client.";
                    }
                } catch (error) {
                    problem.textContent = "The server does not answer.";
                }
            });
            </script>
            """, policy: ["script-src 'nonce-\(nonce)'", "connect-src 'self'"])
    }
}
