package image

import (
	"slices"
	"testing"

	"kitei.dev/kitei/api/v1alpha1"
)

func TestNewRepositories(t *testing.T) {
	type patterns = []v1alpha1.ImagePattern
	for name, test := range map[string]struct{ sources, approved, want patterns }{
		"another tag of the same repository":   {patterns{"r.example/tax/web:2.*"}, patterns{"r.example/tax/web:1.*"}, nil},
		"any tag of the same repository":       {patterns{"r.example/tax/web"}, patterns{"r.example/tax/web:1.*"}, nil},
		"another repository":                   {patterns{"r.example/tax/api:1"}, patterns{"r.example/tax/web:1"}, patterns{"r.example/tax/api:1"}},
		"a repository with a longer name":      {patterns{"r.example/tax-evil"}, patterns{"r.example/tax"}, patterns{"r.example/tax-evil"}},
		"another registry":                     {patterns{"s.example/tax/web:1"}, patterns{"r.example/tax/web:1", "r.example/**"}, patterns{"s.example/tax/web:1"}},
		"another port of the registry":         {patterns{"r.example:5000/tax/web"}, patterns{"r.example/tax/web"}, patterns{"r.example:5000/tax/web"}},
		"directly below a star":                {patterns{"r.example/tax/api:1"}, patterns{"r.example/tax/*"}, nil},
		"deeper below a star":                  {patterns{"r.example/tax/a/b"}, patterns{"r.example/tax/*"}, patterns{"r.example/tax/a/b"}},
		"deep below two stars":                 {patterns{"r.example/tax/a/b@" + digest}, patterns{"r.example/tax/**"}, nil},
		"two stars itself is not below":        {patterns{"r.example/tax"}, patterns{"r.example/tax/**"}, patterns{"r.example/tax"}},
		"a star within two stars":              {patterns{"r.example/tax/*", "r.example/tax/a/*"}, patterns{"r.example/tax/**"}, nil},
		"two stars are more than one":          {patterns{"r.example/tax/**"}, patterns{"r.example/tax/*"}, patterns{"r.example/tax/**"}},
		"the same star":                        {patterns{"r.example/tax/*"}, patterns{"r.example/tax/*"}, nil},
		"a star above":                         {patterns{"r.example/*"}, patterns{"r.example/tax/*"}, patterns{"r.example/*"}},
		"two stars above a neighbour's prefix": {patterns{"r.example/taxes/web"}, patterns{"r.example/tax/**"}, patterns{"r.example/taxes/web"}},
		"what does not parse is new":           {patterns{"web"}, patterns{"r.example/**"}, patterns{"web"}},
		"nothing is approved":                  {patterns{"r.example/tax"}, nil, patterns{"r.example/tax"}},
	} {
		if got := NewRepositories(test.sources, test.approved); !slices.Equal(got, test.want) {
			t.Errorf("%s: new are %v, want %v", name, got, test.want)
		}
	}
}
