import Logging
import Matrix
import Web

/// Asks those who set captchas whether somebody solved one: Google, or whoever speaks the same (hCaptcha).
/// [Google ReCaptcha](https://spec.matrix.org/v1.19/client-server-api/#google-recaptcha)
struct Captcha: Sendable {
    let config: ClientAPIConfig.Captcha
    let client: HTTPClient
    let logger: Logger
    /// Longer than any answer to a captcha is.
    private static let longestResponse = 16 << 10

    var publicKey: String { config.publicKey }

    func result(_ auth: JSONObject, from address: String?) async throws -> AuthenticationStage.Result {
        guard let response = auth["response"]?.string, !response.isEmpty else {
            return .refused(MatrixError(status: 401, errcode: "M_CAPTCHA_NEEDED", error: "Missing auth.response"))
        }
        guard response.utf8.count <= Self.longestResponse else { throw MatrixError.tooLarge() }
        if isBypass(response) { return .passed() }
        return try await isSolved(response, from: address)
            ? .passed() : .refused(MatrixError(status: 401, errcode: "M_CAPTCHA_INVALID", error: "The captcha is not solved"))
    }

    private func isBypass(_ response: String) -> Bool {
        guard let secret = config.bypassSecret, !secret.isEmpty else { return false }
        return constantTimeEqual(Array(secret.utf8), Array(response.utf8))
    }

    private func isSolved(_ response: String, from address: String?) async throws -> Bool {
        var form = [("secret", config.privateKey), ("response", response)]
        if let address { form.append(("remoteip", address)) }
        let body = form.map { "\($0)=\(percentEncoded($1))" }.joined(separator: "&")
        do {
            let reply = try await client.request(
                .post, config.verifyURL, headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array(body.utf8), timeout: .seconds(15), maxResponseBytes: 64 << 10)
            let answer = try JSON(parsing: reply.body)
            guard reply.status == 200, let success = answer["success"]?.bool else { throw Unclear(status: reply.status) }
            if !success { logger.debug("a captcha is not solved", metadata: ["codes": "\(answer["error-codes"]?.array ?? [])"]) }
            return success
        } catch let error where !(error is CancellationError) {
            logger.warning("captchas cannot be checked", metadata: ["url": "\(config.verifyURL)", "error": "\(error)"])
            throw MatrixError.unavailable("The captcha cannot be checked for now")
        }
    }

    /// An answer that is none.
    private struct Unclear: Error {
        var status: Int
    }
}
