//go:build never

// Package deckbuild pins decK, Kong's own reader of declarative files, for the
// tests. Nothing of it is linked into or shipped with vaultiam.
package deckbuild

import _ "github.com/kong/deck"
