// Package paging reads lists from the API server a page at a time: of ten thousand objects only some are in memory at once.
package paging

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/pager"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Each visits the objects of a kind, in the API server's order, until a visit fails. The list only says of which kind; a list of
// metadata will do. An object may be kept; it is nobody else's. A list that takes longer than the API server keeps its pages
// (five minutes) ends with its error, 410 Expired: what was visited is not visited twice.
func Each[T client.Object](ctx context.Context, reader client.Reader, list client.ObjectList, visit func(T) error,
	options ...client.ListOption,
) error {
	pages := pager.New(func(ctx context.Context, page metav1.ListOptions) (runtime.Object, error) {
		fresh, is := list.DeepCopyObject().(client.ObjectList)
		if !is {
			return nil, fmt.Errorf("copy an empty %T", list)
		}
		limits := append([]client.ListOption{client.Limit(page.Limit), client.Continue(page.Continue)}, options...)
		if err := reader.List(ctx, fresh, limits...); err != nil {
			return nil, fmt.Errorf("list %T: %w", list, err)
		}
		return fresh, nil
	})
	pages.PageBufferSize = 1 // the next page comes while this one is looked at
	return pages.EachListItem(ctx, metav1.ListOptions{}, func(item runtime.Object) error {
		object, is := item.(T)
		if !is {
			return fmt.Errorf("read a %T: it lists %T", list, item)
		}
		return visit(object)
	})
}
