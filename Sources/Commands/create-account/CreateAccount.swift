import ArgumentParser
import Setup

/// Makes an account on a running server.
@main
struct CreateAccount: GoCommand {
    static let configuration = CommandConfiguration(
        commandName: "create-account", abstract: "Makes an account on a running server, by its registration_shared_secret.")
    static let booleanFlags: Set<String> = ["admin", "passwordstdin"]

    @Option(help: "The server's configuration, where the shared secret stands.")
    var config = "dendrite.yaml"
    @Option(help: "Where the server is.")
    var url = "http://localhost:8008"
    @Option(help: "The user name: what stands between @ and the colon.")
    var username: String
    @Option(help: "The password; others on this machine can see it. Without any of the three it is asked for.")
    var password: String?
    @Option(help: "A file that holds the password.")
    var passwordfile: String?
    @Flag(help: "Read the password from standard input.")
    var passwordstdin = false
    @Flag(help: "Make the account an administrator.")
    var admin = false

    func run() async throws {
        let account = AccountCreation(
            configPath: config, url: url, username: username, password: password, passwordFile: passwordfile,
            passwordFromStandardInput: passwordstdin, isAdmin: admin)
        print("Made \(try await account.run())")
    }
}
