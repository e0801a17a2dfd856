import Foundation

/// Where a new account's password comes from.
enum PasswordSource {
    case given(String)
    case file(String)
    case standardInput
    /// Asked for at the terminal, twice, unseen.
    case terminal

    /// A line end after the password is no part of it.
    func read() throws -> String {
        let password: String
        switch self {
        case .given(let text): password = text
        case .file(let path):
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw CommandFailure("The password cannot be read from \(path).")
            }
            password = text.trimmingCharacters(in: .newlines)
        case .standardInput: password = readLine(strippingNewline: true) ?? ""
        case .terminal: password = try Self.ask()
        }
        guard !password.isEmpty else { throw CommandFailure("The password is empty.") }
        return password
    }

    private static func ask() throws -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure("No password: give --password, --passwordfile or --passwordstdin.")
        }
        let first = unseen("Password: "), second = unseen("Again: ")
        guard first == second else { throw CommandFailure("The two differ.") }
        return first
    }

    private static func unseen(_ prompt: String) -> String {
        FileHandle.standardError.write(Data(prompt.utf8))
        var before = termios()
        tcgetattr(STDIN_FILENO, &before)
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            FileHandle.standardError.write(Data("\n".utf8))
        }
        return readLine(strippingNewline: true) ?? ""
    }
}
