package amqpx

import (
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

func TestAnotherBrokerIsRefusedByItsName(t *testing.T) {
	t.Parallel()
	require.NoError(t, checkBroker(amqp.Table{"product": "RabbitMQ", "version": "4.3.6"}))
	require.ErrorContains(t, checkBroker(amqp.Table{"product": "RabbitMQ", "version": "3.9.27"}), "RabbitMQ 3.9.27 is too old")
	require.ErrorContains(t, checkBroker(amqp.Table{"product": "LavinMQ", "version": "9.9.9"}), "the broker is LavinMQ 9.9.9: RabbitMQ is needed")
	require.Error(t, checkBroker(amqp.Table{}))
}

func TestARefusedLoginSaysWhatToDo(t *testing.T) {
	t.Parallel()
	full := &amqp.Error{Code: amqp.NotAllowed, Reason: "access to vhost 'v' refused for user 'u': connection limit (20) is reached"}
	require.ErrorContains(t, Login{}.explainLogin(full), "PENSTOCK_AMQP_CONNECTIONS")
	refused := &amqp.Error{Code: amqp.AccessRefused, Reason: "username or password not allowed"}
	require.Equal(t, error(refused), Login{}.explainLogin(refused))
	dropped := false
	require.ErrorContains(t, Login{Token: true, Drop: func() { dropped = true }}.explainLogin(refused), "resource_server_id")
	require.True(t, dropped)
	require.ErrorIs(t, Login{Token: true}.explainLogin(refused), refused)
}
