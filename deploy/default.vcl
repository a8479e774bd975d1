# /etc/varnish/default.vcl
vcl 4.1;

backend skiff {
    .host = "127.0.0.1";
    .port = "8080";
}

sub vcl_backend_response {
    # What is over is asked for with its tag, and not sent before that.
    set beresp.grace = 0s;
    set beresp.keep = 1d;
    # So is what may be kept, but must be asked for each time.
    if (beresp.http.Cache-Control == "no-cache") {
        set beresp.ttl = 0.001ms;
        return (deliver);
    }
}
