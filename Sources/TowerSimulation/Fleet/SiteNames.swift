/// Invented place names of West African sound, each once.
struct SiteNames {
    private static let stems = [
        "Akou", "Ando", "Bako", "Banga", "Béko", "Bouna", "Dabo", "Dian", "Djéka", "Fara", "Gbélé", "Gouro", "Kanda", "Kassi",
        "Kinko", "Kori", "Koua", "Lago", "Léra", "Mafé", "Mando", "Niabo", "Nzian", "Oula", "Pana", "Sako", "Sangui", "Séki",
        "Soubo", "Tafi", "Tanda", "Téhi", "Tiébo", "Tombo", "Touma", "Wara", "Yabo", "Yako", "Zana", "Zoukou",
    ]
    private static let endings = [
        "kro", "dougou", "bo", "so", "ri", "la", "guié", "nou", "ssou", "bougou", "kaha", "dara", "fla", "yo", "dio", "mé",
        "gouin", "ta", "vé", "koura",
    ]
    private static let quarters = ["", " Nord", " Sud", " Est", " Ouest", " Gare", " Marché", " Plateau", " Carrefour", " Lycée"]
    static let regions = [
        "Lacs", "Savanes", "Bas-Fleuve", "Montagnes", "Vallée", "Lagunes", "Plateaux", "Haute-Côte", "Zanzan-Est", "Woroba",
        "Denguélé-Sud", "Comoé-Nord",
    ]

    private var used: Set<String> = []

    mutating func next(_ generator: inout SeededGenerator) -> String {
        for attempt in 0..<60 {
            let base = generator.pick(Self.stems) + generator.pick(Self.endings)
            // The first names of a fleet are plain; quarters come when plain names grow scarce.
            let name = attempt < 3 ? base : base + generator.pick(Self.quarters)
            if used.insert(name).inserted { return name }
        }
        var number = 2
        let base = generator.pick(Self.stems) + generator.pick(Self.endings)
        while !used.insert("\(base) \(number)").inserted { number += 1 }
        return "\(base) \(number)"
    }

    mutating func reserve(_ name: String) { used.insert(name) }
}
