package router

recipients contains recipient if {
	some recipient in data.users[input.sender]
}

recipients contains recipient if {
	some recipient in data.servers[input.server]
}

recipients contains rule.recipient if {
	some rule in data.prefixes[input.server]
	startswith(input.localpart, rule.prefix)
}

recipients contains recipient if {
	labels := split(input.server, ".")
	some first in numbers.range(1, count(labels) - 1)
	end := concat("", [".", concat(".", array.slice(labels, first, count(labels)))])
	some recipient in data.domains[end]
}

recipients contains rule.recipient if {
	some rule in data.parts
	contains(input.localpart, rule.part)
	endswith(input.server, rule.end)
}

recipients contains rule.recipient if {
	some rule in data.regexes
	regex.match(rule.regex, input.sender)
}
