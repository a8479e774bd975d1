# /etc/varnish/default.vcl
vcl 4.1;

backend skiff {
    .host = "127.0.0.1";
    .port = "8080";
}

sub vcl_backend_response {
    # Revalidate an expired object before sending it, by its ETag.
    set beresp.grace = 0s;
    set beresp.keep = 1d;
    # Store an object that is no-cache too, and revalidate it for each request.
    if (beresp.http.Cache-Control == "no-cache") {
        set beresp.ttl = 0.001ms;
        return (deliver);
    }
}
