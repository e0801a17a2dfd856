import Contracts
import Foundation
import Matrix
import SQL
import TestSupport
import Testing
import Web

@testable import UserAPI

@Suite(.timeLimit(.minutes(2))) struct ThreePIDTests {
    private func request(
        _ email: String = "Alice@Example.org", secret: String = "secret", attempt: Int64 = 1
    ) -> RequestEmailValidation {
        RequestEmailValidation(
            email: email, clientSecret: secret, sendAttempt: attempt, purpose: .registration, nextLink: "https://next.example")
    }

    /// The token in a mail, and the validation that it names.
    private func token(in mail: TestMailServer.Mail?) throws -> SubmitValidationToken {
        let data = try #require(mail?.data)
        let link = try #require(data.firstMatch(of: /https:\/\/matrix\.example\.org\/_matrix\/client\/unstable\/registration\/email\/submit_token\?(\S+)/))
        let query = Query(String(link.output.1))
        return SubmitValidationToken(sid: try #require(query["sid"]), token: try #require(query["token"]))
    }

    private func register(_ name: String, _ validation: String?) -> RegisterAccount {
        RegisterAccount(
            localpart: name, password: "correct horse", kind: .user, isAdmin: false, device: nil, key: name,
            validation: validation)
    }

    @Test(arguments: TestDatabase.allCases)
    func anAddressIsProvedAndBelongsToTheAccount(on kind: TestDatabase) async throws {
        try await TestMailServer.run { mails in
            try await TestUsers.on(kind, mailingBy: mails) { test in
                let sid = try await test.users.call(request()).sid
                let query = QueryValidation(sid: sid, clientSecret: "secret", purpose: .registration)
                #expect(await errcode { _ = try await test.users.call(query) } == "M_THREEPID_AUTH_FAILED")
                #expect(await errcode { _ = try await test.users.call(register("bob", sid)) } == "M_THREEPID_AUTH_FAILED")
                let shown = try token(in: mails.mails.first)
                #expect(shown.sid == sid && mails.mails.first?.to == "<Alice@Example.org>")
                for _ in 0..<2 { #expect(try await test.users.call(shown).nextLink == "https://next.example") }
                #expect(try await test.users.call(query) == ThreePID(medium: "email", address: "alice@example.org"))
                let others = QueryValidation(sid: sid, clientSecret: "another", purpose: .registration)
                #expect(await errcode { _ = try await test.users.call(others) } == "M_THREEPID_AUTH_FAILED")

                for _ in 0..<2 { #expect(try await test.users.call(register("alice", sid)).userID == "@alice:test") }
                let bound = try await test.users.call(QueryThreePIDs(userID: "@alice:test")).threePIDs
                #expect(bound.map(\.threePID) == [ThreePID(medium: "email", address: "alice@example.org")])
                #expect(await errcode { _ = try await test.users.call(register("bob", sid)) } == "M_THREEPID_IN_USE")
                #expect(await errcode { _ = try await test.users.call(QueryProfile(userID: "@bob:test")) } == "M_NOT_FOUND")
                #expect(await errcode { _ = try await test.users.call(request("ALICE@example.org", secret: "s")) } == "M_THREEPID_IN_USE")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aMailGoesOutOnceAnAttempt(on kind: TestDatabase) async throws {
        try await TestMailServer.run { mails in
            try await TestUsers.on(kind, mailingBy: mails) { test in
                let sid = try await test.users.call(request(attempt: 2)).sid
                for attempt: Int64 in [2, 1] { #expect(try await test.users.call(request(attempt: attempt)).sid == sid) }
                #expect(mails.mails.count == 1)
                #expect(try await test.users.call(request(attempt: 3)).sid == sid)
                #expect(mails.mails.count == 2)
                let other = try await test.users.call(request(secret: "another")).sid
                #expect(other != sid)
                // An earlier mail's link works too.
                _ = try await test.users.call(token(in: mails.mails.first))
            }
        }
    }

    @Test func aMailThatDidNotGoOutMayBeAskedForAgain() async throws {
        try await TestMailServer.run({ $0.answers["RCPT"] = "550 no" }) { mails in
            try await TestUsers.on(.sqlite, mailingBy: mails) { test in
                for _ in 0..<2 { #expect(await errcode { _ = try await test.users.call(request()) } == "M_INVALID_PARAM") }
                let left = try await test.database.read { try $0.row("SELECT COUNT(*) FROM userapi_validation_tokens", as: Int64.self) }
                #expect(left == 0)
            }
        }
    }

    @Test func anAddressGetsNotTooManyMails() async throws {
        try await TestMailServer.run { mails in
            try await TestUsers.on(.sqlite, mailingBy: mails) { test in
                for attempt: Int64 in 1...10 { _ = try await test.users.call(request(secret: "\(attempt)")) }
                #expect(await errcode { _ = try await test.users.call(request(secret: "11")) } == "M_LIMIT_EXCEEDED")
                #expect(mails.mails.count == 10)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whatIsTooOldIsGone(on kind: TestDatabase) async throws {
        try await TestMailServer.run { mails in
            try await TestUsers.on(kind, mailingBy: mails) { test in
                let sid = try await test.users.call(request()).sid
                let shown = try token(in: mails.mails.first)
                try await test.database.transaction { try $0.run("UPDATE userapi_validations SET expires_ts = \(sql: .now)") }
                #expect(await errcode { _ = try await test.users.call(shown) } == "M_THREEPID_AUTH_FAILED")
                #expect(try await test.users.call(request()).sid != sid)
                #expect(await errcode { _ = try await test.users.call(shown) } == "M_THREEPID_AUTH_FAILED")
                try await test.database.transaction { try $0.run("UPDATE userapi_validations SET expires_ts = \(sql: .now)") }
                try await Pruning.prune(test.database)
                let left = try await test.database.read { try $0.row("SELECT COUNT(*) FROM userapi_validation_tokens", as: Int64.self) }
                #expect(left == 0)
            }
        }
    }

    @Test func theDatabaseHoldsNeitherTokenNorSecret() async throws {
        try await TestMailServer.run { mails in
            try await TestUsers.on(.sqlite, mailingBy: mails) { test in
                _ = try await test.users.call(request(secret: "in.the.clear"))
                let shown = try token(in: mails.mails.first)
                let stored = try await test.database.read { tx in
                    try tx.rows("SELECT secret_hash FROM userapi_validations", as: [UInt8].self)
                        + tx.rows("SELECT token_hash FROM userapi_validation_tokens", as: [UInt8].self)
                }
                #expect(!stored.contains(Array("in.the.clear".utf8)) && !stored.contains(Array(shown.token.utf8)))
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func anAddressThatNoDatabaseHoldsIsNobodys(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            let odd = ThreePID(medium: "email", address: "a\0@b")
            _ = try await test.users.call(RemoveThreePID(userID: "@alice:test", threePID: odd))
            let login = AuthenticatePassword(user: "", password: "correct horse", threePID: odd)
            #expect(await errcode { _ = try await test.users.call(login) } == "M_FORBIDDEN")
            #expect(try await test.users.call(QueryThreePIDBindings(userID: "@alice:test", threePID: odd)).bindings.isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases) func whatIdentityServersWereToldIsKept(on kind: TestDatabase) async throws {
        try await TestUsers.on(kind) { test in
            try await test.register("alice")
            let one = ThreePIDBinding(threePID: ThreePID(medium: "email", address: "a@b"), idServer: "one")
            var other = one
            other.idServer = "other"
            for binding in [one, one, other] {
                _ = try await test.users.call(NoteThreePIDBinding(userID: "@alice:test", binding: binding, isBound: true))
            }
            _ = try await test.users.call(NoteThreePIDBinding(userID: "@alice:test", binding: other, isBound: false))
            let query = QueryThreePIDBindings(userID: "@alice:test", threePID: ThreePID(medium: "email", address: "A@B"))
            #expect(try await test.users.call(query).bindings == [one])
            #expect(try await test.users.call(QueryThreePIDBindings(userID: "@alice:test")).bindings == [one])
            let nobody = NoteThreePIDBinding(userID: "@bob:test", binding: one, isBound: true)
            #expect(await errcode { _ = try await test.users.call(nobody) } == "M_NOT_FOUND")
        }
    }

    @Test func whatIsNoAddressOrSecretIsRefused() async throws {
        try await TestMailServer.run { mails in
            try await TestUsers.on(.sqlite, mailingBy: mails) { test in
                for call in [
                    request("alice"), request("a@b\r\nRCPT TO:<c@d>"), request(secret: ""), request(secret: "a b"),
                    request(secret: String(repeating: "a", count: 256)), request(attempt: -1),
                ] {
                    #expect(await errcode { _ = try await test.users.call(call) } == "M_INVALID_PARAM")
                }
                let madeUp = SubmitValidationToken(sid: "made\u{0}up", token: "made up")
                #expect(await errcode { _ = try await test.users.call(madeUp) } == "M_THREEPID_AUTH_FAILED")
                #expect(mails.mails.isEmpty)
            }
        }
        try await TestUsers.on(.sqlite) { test in
            #expect(await errcode { _ = try await test.users.call(request()) } == "M_UNRECOGNIZED")
        }
    }
}
