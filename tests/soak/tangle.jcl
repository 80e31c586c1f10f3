workflow root:
	in:
		n	number
		list	array
	out:
		ok	boolean
		results	any	optional
		why	any	optional
	locks:
		fleet	a.n % 8	inherit
	wfomap:
		ok = v.ok
		results = ifdef(v.results)
		why = ifdef(v.why)
	do:
		let:
			ok = true
		try:
			split:
				map kid using a.list:
					n = e._v
					root = a.n
				collect:
					results ,= o.n
				callflow nap:
					n = a.n
				into:
					nap = o.n
		catch:
			let:
				ok = false
				why = e._error.msg
		detachflow nap:
			n = a.n

workflow kid:
	in:
		n	number
		root	number
	out:
		n	number
	config:
		max_steps = 120
	locks:
		zone	_	manual
		host	_	manual	inherit
		fleet	_	manual
	wfomap:
		n = v.n
	do:
		let:
			n = a.n
		subscribe:
			name = 'go'
			mask = object('k': a.n % 5)
		try:
			if a.n % 6 == 5:
				lock host a.n % 4
				lock zone a.n % 3
			else:
				lock zone a.n % 3
			if a.n % 2:
				lock host a.n % 4
			if a.n % 3 == 0:
				wait_for_lock fleet:
					value = a.root % 8
					wait = 0.5
			if a.n % 4 == 0:
				wait_for_lock host:
					value = (a.n + 1) % 4
					wait = 0.3
			if a.n % 9 == 1:
				wait_for_lock host:
					value = (a.n + 2) % 4
					wait = 'no'
			wait_for_event:
				events = array('go')
				timeout = 0.2
			into:
				how = o.event.name
			call work:
				n = v.n
			into:
				n = o.n
			call stir:
				n = a.n
				job = e.job_id
			into:
				stirred = o.did
			raise_event:
				event = object('k': (a.n + 1) % 5, 'from': a.n)
			unlock zone a.n % 3
			if a.n % 7 == 0:
				lock zone (a.n + 1) % 3
			if a.n % 8 == 3:
				unsubscribe:
					name = 'go'
		catch:
			let:
				n = -1
				why = e._error
			if a.n % 5 == 0:
				raise_error 'kid ' . a.n
		if a.n > 20:
			map kid using array(a.n - 20, a.n - 19):
				n = e._v
				root = a.root
			collect:
				sum += o.n
		if a.n % 11 == 7:
			detachflow kid:
				n = a.n + 1
				root = a.root
		while a.n == 13:
			raise_event:
				event = object('k': v.n % 5)
			let:
				n += 1

workflow nap:
	in:
		n	number
	out:
		n	number
	locks:
		fleet	_	manual
	wfomap:
		n = a.n
	do:
		sleep 0.05
		try:
			wait_for_lock fleet:
				value = a.n % 8
				wait = 0.5
		catch:
			let:
				late = true
		sleep 0.02

action work:
	in:
		n	number
	out:
		n	number
	config:
		timeout = "1 second"
		retry = {"tries": 3, "interval": "0.1 seconds"}
		retryable = true

procedure stir:
	in:
		n	number
		job	number
	out:
		did	string
